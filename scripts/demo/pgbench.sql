-- One payment: it holds its server connection for 20 to 200 ms, as work that waits for something does.
\set account random(1, 100000)
\set milliseconds random(20, 200)
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :account;
SELECT pg_sleep(:milliseconds / 1000.0);
COMMIT;
