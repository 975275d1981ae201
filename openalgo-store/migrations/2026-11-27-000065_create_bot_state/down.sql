DROP TABLE bot_state;
