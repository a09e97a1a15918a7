-- What is not carried over yet and is named as uncarriable, on top of nasty.sql. A section moves into
-- nasty.sql once it is carried.

-- == Rows that depend on the server's oids, or on a managed table's columns: not carried yet ==
CREATE TABLE nasty.by_mood (m nasty.mood, n int) PARTITION BY HASH (m);
CREATE TABLE nasty.by_mood_0 PARTITION OF nasty.by_mood FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE nasty.by_mood_1 PARTITION OF nasty.by_mood FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO nasty.by_mood SELECT m, 1 FROM unnest(enum_range(NULL::nasty.mood)) m;
CREATE TABLE nasty.of_managed (a salesforce.account, b int);
INSERT INTO nasty.of_managed SELECT a, 1 FROM salesforce.account a;

-- == What the role may not read ==
CREATE TABLE nasty.unreadable (a int);
REVOKE SELECT ON nasty.unreadable FROM CURRENT_USER, PUBLIC;
