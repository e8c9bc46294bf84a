-- Within how many hours of being paid a part is sent, as the places of a Juhuasuan sale say that its lines were sold from:
-- the shortest of theirs; 0 where none was, and -1 of orders from before this was kept.
ALTER TABLE suborders ADD COLUMN ship_hours BIGINT NOT NULL DEFAULT -1 CHECK (ship_hours >= -1);
