-- Run after every migrate: what was chosen, shown and posted stays on file.
REVOKE DELETE, TRUNCATE ON ledger_methodchoice, ledger_deliverychoice, ledger_printbatch, ledger_letter,
    ledger_shownoffer FROM billing_desk_app;
