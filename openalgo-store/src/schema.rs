//! The tables as Diesel sees them.
//!
//! The seed's DDL leaves columns with a default nullable. Every row is written by this crate and
//! fills them, so they are declared here without `Nullable`: a NULL in one of them is damage and
//! is reported as such.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    users (id) {
        id -> BigInt,
        username -> Text,
        email -> Text,
        password_hash -> Text,
        totp_secret -> Nullable<Text>,
        is_admin -> Bool,
        created_at -> Text,
        updated_at -> Text,
        order_broker -> Nullable<Text>,
        totp_step -> Nullable<BigInt>,
    }
}

table! {
    api_keys (id) {
        id -> BigInt,
        user_id -> BigInt,
        key_hash -> Text,
        key_encrypted -> Text,
        order_mode -> Text,
        created_at -> Text,
    }
}

table! {
    broker_connections (id) {
        id -> BigInt,
        user_id -> BigInt,
        broker_name -> Text,
        client_id -> Nullable<Text>,
        auth_token -> Nullable<Text>,
        refresh_token -> Nullable<Text>,
        feed_token -> Nullable<Text>,
        user_broker_id -> Nullable<Text>,
        is_revoked -> Bool,
        expires_at -> Nullable<Text>,
        created_at -> Text,
        updated_at -> Text,
        api_key -> Nullable<Text>,
        api_secret -> Nullable<Text>,
    }
}

table! {
    sessions (id) {
        id -> BigInt,
        user_id -> BigInt,
        token_id -> Text,
        broker_id -> Nullable<Text>,
        access_token -> Text,
        feed_token -> Nullable<Text>,
        device -> Nullable<Text>,
        expires_at -> Text,
        is_active -> Bool,
        created_at -> Text,
        last_used_at -> Text,
    }
}

table! {
    login_failures (kind, name) {
        kind -> Text,
        name -> Text,
        failures -> BigInt,
        last_at -> Text,
    }
}

table! {
    settings (key) {
        key -> Text,
        value -> Text,
        description -> Nullable<Text>,
        updated_at -> Text,
    }
}

table! {
    telegram_config (id) {
        id -> BigInt,
        user_id -> BigInt,
        chat_id -> Nullable<Text>,
        bot_token -> Nullable<Text>,
        is_active -> Bool,
        send_order_updates -> Bool,
        send_position_updates -> Bool,
        send_daily_summary -> Bool,
        created_at -> Text,
        updated_at -> Text,
    }
}

table! {
    strategies (id) {
        id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        description -> Nullable<Text>,
        webhook_id -> Text,
        is_active -> Bool,
        created_at -> Text,
        updated_at -> Text,
        platform -> Text,
        trading_mode -> Text,
        is_intraday -> Bool,
        start_time -> Nullable<Text>,
        end_time -> Nullable<Text>,
        squareoff_time -> Nullable<Text>,
    }
}

table! {
    strategy_symbols (id) {
        id -> BigInt,
        strategy_id -> BigInt,
        symbol -> Text,
        exchange -> Text,
        quantity -> BigInt,
        product -> Text,
        created_at -> Text,
    }
}

table! {
    pending_orders (id) {
        id -> BigInt,
        user_id -> BigInt,
        strategy -> Text,
        symbol -> Text,
        exchange -> Text,
        action -> Text,
        quantity -> BigInt,
        product -> Text,
        price_type -> Text,
        price -> Double,
        trigger_price -> Double,
        position_size -> Nullable<BigInt>,
        status -> Text,
        approved_at -> Nullable<Text>,
        rejected_at -> Nullable<Text>,
        expires_at -> Nullable<Text>,
        created_at -> Text,
        mode -> Text,
        broker_name -> Text,
        order_source -> Text,
        client_order_id -> Nullable<Text>,
        basket_id -> Nullable<Text>,
        basket_row -> Nullable<BigInt>,
        rejected_reason -> Nullable<Text>,
        last_price -> Nullable<Double>,
        request -> Nullable<Text>,
        gtt -> Nullable<Text>,
    }
}

table! {
    order_logs (id) {
        id -> BigInt,
        user_id -> Nullable<BigInt>,
        endpoint -> Text,
        method -> Text,
        request_data -> Nullable<Text>,
        response_data -> Nullable<Text>,
        status_code -> Nullable<BigInt>,
        latency_ms -> Nullable<BigInt>,
        ip_address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        created_at -> Text,
    }
}

table! {
    master_contracts (id) {
        id -> BigInt,
        broker_name -> Text,
        date -> Text,
        instruments -> BigInt,
        refused -> BigInt,
        taken_from -> Text,
        taken_at -> Text,
        file_key -> Text,
        file_hmac -> Text,
    }
}

table! {
    latency_metrics (id) {
        id -> BigInt,
        user_id -> Nullable<BigInt>,
        broker_name -> Text,
        order_id -> Nullable<Text>,
        operation -> Text,
        latency_ms -> BigInt,
        created_at -> Text,
        queue_us -> Nullable<BigInt>,
        own_us -> Nullable<BigInt>,
        broker_us -> Nullable<BigInt>,
    }
}

table! {
    orders (id) {
        id -> BigInt,
        user_id -> BigInt,
        broker_name -> Text,
        broker_order_id -> Text,
        exchange -> Text,
        symbol -> Text,
        token -> Nullable<Text>,
        action -> Text,
        quantity -> BigInt,
        filled_quantity -> BigInt,
        pending_quantity -> BigInt,
        product -> Text,
        price_type -> Text,
        price -> Double,
        trigger_price -> Double,
        average_price -> Double,
        status -> Text,
        status_message -> Nullable<Text>,
        strategy -> Nullable<Text>,
        order_source -> Text,
        placed_at -> Text,
        updated_at -> Text,
        created_at -> Text,
        intent_id -> Text,
        client_order_id -> Nullable<Text>,
        mode -> Text,
        trading_day -> Text,
        intent_state -> Text,
        filled_value -> Double,
        change_sent -> Nullable<Text>,
        margin -> Double,
        request -> Nullable<Text>,
    }
}

table! {
    order_events (id) {
        id -> BigInt,
        order_id -> BigInt,
        user_id -> BigInt,
        broker_name -> Text,
        seq -> BigInt,
        event -> Text,
        payload -> Text,
        at -> Text,
        mac -> Text,
    }
}

table! {
    trades (id) {
        id -> BigInt,
        user_id -> BigInt,
        order_id -> Nullable<BigInt>,
        broker_name -> Text,
        broker_trade_id -> Nullable<Text>,
        exchange -> Text,
        symbol -> Text,
        action -> Text,
        quantity -> BigInt,
        price -> Double,
        product -> Text,
        trade_time -> Text,
        created_at -> Text,
    }
}

table! {
    positions (id) {
        id -> BigInt,
        user_id -> BigInt,
        broker_name -> Text,
        exchange -> Text,
        symbol -> Text,
        token -> Nullable<Text>,
        product -> Text,
        quantity -> BigInt,
        average_price -> Double,
        ltp -> Double,
        pnl -> Double,
        pnl_percent -> Double,
        day_buy_qty -> BigInt,
        day_sell_qty -> BigInt,
        day_buy_avg -> Double,
        day_sell_avg -> Double,
        updated_at -> Text,
        cost -> Double,
        margin -> Double,
        realized_pnl -> Double,
        today_realized_pnl -> Double,
        day_buy_value -> Double,
        day_sell_value -> Double,
    }
}

table! {
    holdings (id) {
        id -> BigInt,
        user_id -> BigInt,
        broker_name -> Text,
        exchange -> Text,
        symbol -> Text,
        token -> Nullable<Text>,
        isin -> Nullable<Text>,
        quantity -> BigInt,
        t1_quantity -> BigInt,
        average_price -> Double,
        ltp -> Double,
        current_value -> Double,
        pnl -> Double,
        pnl_percent -> Double,
        updated_at -> Text,
        cost -> Double,
        paid -> Double,
    }
}

table! {
    bot_state (id) {
        id -> BigInt,
        user_id -> BigInt,
        bot -> Text,
        key -> Text,
        value -> Text,
        updated_at -> Text,
    }
}

table! {
    candles (id) {
        id -> BigInt,
        exchange -> Text,
        symbol -> Text,
        interval -> Text,
        timestamp -> BigInt,
        open -> Double,
        high -> Double,
        low -> Double,
        close -> Double,
        volume -> BigInt,
        oi -> Nullable<BigInt>,
    }
}

table! {
    paper_movements (id) {
        id -> BigInt,
        user_id -> BigInt,
        broker_name -> Text,
        exchange -> Text,
        symbol -> Text,
        product -> Text,
        kind -> Text,
        units -> BigInt,
        cash -> Double,
        moved_at -> Text,
    }
}

table! {
    paper_reservations (id) {
        id -> BigInt,
        user_id -> BigInt,
        broker_name -> Text,
        trigger_id -> Text,
        margin -> Double,
    }
}

table! {
    daily_pnl (id) {
        id -> BigInt,
        user_id -> BigInt,
        broker_name -> Text,
        date -> Text,
        realized_pnl -> Double,
        positions_unrealized_pnl -> Double,
        holdings_unrealized_pnl -> Double,
        total_mtm -> Double,
        available_balance -> Double,
        used_margin -> Double,
        portfolio_value -> Double,
    }
}

table! {
    paper_accounts (id) {
        id -> BigInt,
        user_id -> BigInt,
        broker_name -> Text,
        version -> BigInt,
        trading_day -> Text,
        last_order_number -> BigInt,
        total_capital -> Double,
        available -> Double,
        used_margin -> Double,
        realized_pnl -> Double,
        today_realized_pnl -> Double,
        summed_pnl -> Double,
        reset_count -> BigInt,
        last_reset_at -> Nullable<Text>,
        jobs_until -> Nullable<Text>,
        created_at -> Text,
        updated_at -> Text,
    }
}

table! {
    risk_limits (id) {
        id -> BigInt,
        user_id -> BigInt,
        max_order_value -> Nullable<Double>,
        max_order_quantity -> Nullable<BigInt>,
        max_daily_loss -> Nullable<Double>,
        max_daily_orders -> Nullable<BigInt>,
        kill_switch -> BigInt,
        kill_reason -> Nullable<Text>,
        kill_since -> Nullable<Text>,
        created_at -> Text,
        updated_at -> Text,
        max_orders_per_second -> Nullable<BigInt>,
    }
}

table! {
    risk_symbols (id) {
        id -> BigInt,
        user_id -> BigInt,
        rule -> Text,
        exchange -> Text,
        symbol -> Text,
        created_at -> Text,
    }
}

table! {
    idempotency_keys (id) {
        id -> BigInt,
        user_id -> BigInt,
        operation -> Text,
        client_id -> Text,
        body_hash -> Text,
        answer -> Text,
        created_at -> Text,
    }
}

table! {
    audit_log (id) {
        id -> BigInt,
        user_id -> Nullable<BigInt>,
        action -> Text,
        object -> Text,
        surface -> Text,
        detail -> Nullable<Text>,
        at -> Text,
    }
}

table! {
    gtt_orders (id) {
        id -> BigInt,
        user_id -> BigInt,
        broker_name -> Text,
        trigger_id -> Text,
        mode -> Text,
        held_by -> Text,
        trigger_type -> Text,
        exchange -> Text,
        symbol -> Text,
        action -> Text,
        quantity -> BigInt,
        product -> Text,
        status -> Text,
        status_message -> Nullable<Text>,
        strategy -> Nullable<Text>,
        last_price -> Nullable<Double>,
        margin -> Double,
        expires_at -> Text,
        created_at -> Text,
        updated_at -> Text,
    }
}

table! {
    gtt_legs (id) {
        id -> BigInt,
        gtt_id -> BigInt,
        fires -> Text,
        trigger_price -> Double,
        price_type -> Text,
        price -> Double,
        status -> Text,
        claimed_at -> Nullable<Text>,
        attempts -> BigInt,
        order_id -> Nullable<BigInt>,
    }
}

table! {
    api_tokens (id) {
        id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        key_prefix -> Text,
        key_hash -> Text,
        key_encrypted -> Text,
        scopes -> Text,
        expires_at -> Nullable<Text>,
        last_used_at -> Nullable<Text>,
        created_at -> Text,
    }
}

table! {
    watchlists (id) {
        id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        position -> BigInt,
        created_at -> Text,
        updated_at -> Text,
    }
}

table! {
    watchlist_items (id) {
        id -> BigInt,
        watchlist_id -> BigInt,
        position -> BigInt,
        exchange -> Text,
        symbol -> Text,
    }
}

table! {
    commits (id) {
        id -> BigInt,
        identity -> Text,
        number -> BigInt,
    }
}

table! {
    __diesel_schema_migrations (version) {
        version -> Text,
        run_on -> Text,
    }
}

allow_tables_to_appear_in_same_query!(orders, trades);
