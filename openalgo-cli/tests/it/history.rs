//! Past prices, from the command line.

use crate::home::Home;
use serde_json::json;

#[test]
fn candles_are_a_table_values_and_json() {
    let home = Home::with_data();
    let line = "history reliance --interval 1h --from 2024-11-25 --to 2024-11-25";
    let told = home.json(line).data();
    let candles = told["candles"].as_array().unwrap();
    // The simulated exchange never closes: its day begins at three.
    assert_eq!(candles.len(), 24, "{told}");
    assert_eq!(candles[0]["time"], "2024-11-25T03:00:00.000000+05:30");
    assert_eq!(candles[0]["timestamp"], json!(1_732_483_800));
    assert_eq!(
        (&told["interval"], &told["gaps"]),
        (&json!("1h"), &json!([]))
    );
    let csv = home.run(&format!("{line} --csv")).stdout;
    let rows: Vec<_> = csv.lines().collect();
    assert_eq!(
        (rows.len(), rows[0]),
        (25, "time,open,high,low,close,volume,oi")
    );
    assert!(rows[1].starts_with("2024-11-25 03:00:00,"), "{}", rows[1]);
    let table = home.run(line).stdout;
    assert!(
        table.contains("2024-11-25 03:00:00") && table.contains('█'),
        "{table}"
    );
    let daily = home.json("history NSE_INDEX:NIFTY --from 2024-11-18 --to 2024-11-22");
    let daily = daily.data();
    assert_eq!(daily["candles"].as_array().unwrap().len(), 5);
    // As clients know it: the date, as if it were one of UTC.
    assert_eq!(daily["candles"][0]["timestamp"], json!(1_731_888_000));
    let none = home.run("history RELIANCE --from 2024-11-22 --to 2024-11-18");
    assert_eq!((none.code, none.stdout.as_str()), (0, "No candles.\n"));
}

#[test]
fn what_was_kept_is_told_listed_and_taken_away() {
    let home = Home::with_data();
    let days = "--from 2024-11-18 --to 2024-11-22";
    let empty = home.json(&format!("history INFY {days} --stored"));
    assert_eq!(
        (empty.code, &empty.error()["code"]),
        (4, &json!("nothing_stored"))
    );
    assert_eq!(home.run("history").stdout, "No candles are kept.\n");
    let kept = home.json(&format!("history INFY {days} --keep")).data();
    assert_eq!(
        (&kept["fetched"], &kept["stored"]["candles"]),
        (&json!(5), &json!(5))
    );
    let stored = home.json(&format!("history INFY {days} --stored")).data();
    assert_eq!(
        stored["candles"],
        home.json(&format!("history INFY {days}")).data()["candles"]
    );
    let week = home
        .json(&format!("history INFY --interval W {days} --stored"))
        .data();
    assert_eq!(
        (&week["made_of"], &week["candles"][0]["timestamp"]),
        (&json!("D"), &json!(1_731_888_000))
    );
    let listed = home.json("history").data();
    assert_eq!(
        (listed.as_array().unwrap().len(), &listed[0]["symbol"]),
        (1, &json!("INFY"))
    );
    assert!(home.run("history").stdout.contains("2024-11-22"));
    assert_eq!(
        home.json("history INFY --forget").data(),
        json!({ "taken_away": 5 })
    );
    assert_eq!(home.json("history").data(), json!([]));
}

#[test]
fn what_makes_no_sense_is_refused_with_the_remedy() {
    let home = Home::with_data();
    let cases = [
        ("history RELIANZ", 4, "unknown_symbol"),
        ("history INFY --interval 5m --keep", 4, "not_kept"),
        (
            "history INFY --interval 1s --from 2020-01-01",
            4,
            "too_large",
        ),
    ];
    for (line, code, word) in cases {
        let refused = home.json(line);
        assert_eq!(
            (refused.code, &refused.error()["code"]),
            (code, &json!(word)),
            "{line}"
        );
        assert!(refused.error()["hint"].is_string(), "{line}");
    }
    assert_eq!(home.run("history INFY --interval 7m").code, 2);
    assert_eq!(home.run("history INFY --keep --stored").code, 2);
    assert_eq!(home.run("history INFY --from yesterday").code, 2);
}
