use super::*;

fn at(width: Option<u16>) -> Style {
    Style {
        color: false,
        width,
        program: "openalgo".to_owned(),
    }
}

fn said(width: Option<u16>, text: &str) -> String {
    let mut sheet = Sheet::fitting(&at(width), &["", "What", "~How it stands"]);
    sheet.row([Entry::new("ok"), Entry::new("key"), Entry::new(text)]);
    sheet.or("")
}

#[test]
fn words_are_wrapped_at_the_terminals_width_and_nowhere_else() {
    let text = "there is none: the data is lost when the key is\n→ make one";
    assert!(said(None, text).contains("the data is lost when the key is\n"));
    let narrow = said(Some(40), text);
    assert!(narrow.lines().count() > 4, "{narrow}");
    assert!(narrow.lines().all(|line| length(line) <= 40), "{narrow}");
    let words = |text: &str| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert!(words(&narrow).ends_with(&words("→ make one")), "{narrow}");
}

/// It is copied from the screen.
#[test]
fn a_long_path_stays_whole_and_makes_nothing_else_wide() {
    let path = format!("/srv/{}/main.db", "long".repeat(20));
    let shown = said(
        Some(40),
        &format!("look at this file here: {path} and so on"),
    );
    assert!(shown.contains(&path), "{shown}");
    let wide = shown.lines().filter(|line| length(line) > 40);
    assert_eq!(wide.count(), 1, "{shown}");
}

fn wide(width: Option<u16>) -> String {
    let mut sheet = Sheet::fitting(&at(width), &["Order", "Time", "#Price", "~Status"])
        .spare(&["Time", "Order"]);
    let row = [
        "26112537800000",
        "25 Nov 10:30:05",
        "1,52,000.50",
        "trigger pending",
    ];
    sheet.row(row.map(Entry::new));
    sheet.or("")
}

#[test]
fn columns_that_have_no_room_are_left_out_by_name() {
    let all = wide(None);
    assert_eq!(all, wide(Some(200)));
    assert!(!all.contains("Not shown"), "{all}");
    let some = wide(Some(40));
    assert!(
        some.contains("Time") && some.contains("1,52,000.50"),
        "{some}"
    );
    assert!(
        some.contains("Not shown for want of room: Order;"),
        "{some}"
    );
    let few = wide(Some(10));
    assert!(
        few.contains("Not shown for want of room: Order, Time;"),
        "{few}"
    );
    assert!(few.contains("1,52,000.50"), "{few}");
}

#[test]
fn what_is_tied_stays_in_one_line() {
    let mut sheet = Sheet::fitting(&at(Some(12)), &["#~Price"]);
    sheet.row([Entry::new(format!("4500.00 at{TIE}4450.00"))]);
    let shown = sheet.or("");
    let lines: Vec<_> = shown.lines().skip(2).collect();
    assert_eq!(lines, ["    4500.00", " at 4450.00"]);
}

#[test]
fn only_a_profit_or_a_loss_has_a_colour() {
    let color = |amount: &str| Entry::profit(amount.parse().unwrap()).color;
    assert_eq!(color("0"), None);
    assert_eq!(color("0.05"), Some(Color::Green));
    assert_eq!(color("-0.05"), Some(Color::Red));
}

#[test]
fn a_symbol_is_broken_for_money_and_for_nothing_that_may_be_left_out() {
    let shown = |width| {
        let columns = ["|Symbol", "Time", "#Average"];
        let mut sheet = Sheet::fitting(&at(Some(width)), &columns).spare(&["Time"]);
        let symbol = format!("NIFTY{BREAK}29DEC26{BREAK}26100CE");
        sheet.row([symbol.as_str(), "10:30:05", "152.50"].map(Entry::new));
        let shown = sheet.or("");
        let lines = shown.lines().map(str::trim_end).map(str::to_owned);
        lines.collect::<Vec<_>>()
    };
    assert!(shown(40)[2].contains("NIFTY29DEC2626100CE  10:30:05"));
    let without = shown(39);
    assert!(without[2].contains("NIFTY29DEC2626100CE") && without[2].ends_with("152.50"));
    assert!(without[3].contains("want of room: Time;"), "{without:?}");
    let narrow = shown(24);
    assert!(
        narrow[2].contains("NIFTY29DEC26 ") && narrow[2].ends_with("152.50"),
        "{narrow:?}"
    );
    assert_eq!(narrow[3].trim(), "26100CE", "{narrow:?}");
}
