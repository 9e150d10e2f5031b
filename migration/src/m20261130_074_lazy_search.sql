-- Functions of the search on PostgreSQL that test rows from the GIN index only until enough belong to a tier: see
-- `src/catalog/search/index/mod.rs`. They are planned once for each connection, not for each search.
--
-- Frequencies are numbers of matches among 300 rows.

-- Returns the positions of up to `max_rows` rows that match `narrow`, in no particular order. They are read from the GIN index,
-- whatever the planner expects: its statistics know only the most frequent words.
CREATE FUNCTION {index}_places(field text, narrow tsquery, first bigint, last bigint, max_rows bigint) RETURNS bigint[] LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = on SET enable_indexscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE current integer := (SELECT active FROM search_generation);
BEGIN
    IF field = 'name' THEN RETURN ARRAY(SELECT w.position FROM {index}_words w
        WHERE w.name @@ narrow AND w.generation + 0 = current AND w.position + 0 BETWEEN first AND last LIMIT max_rows);
    ELSIF field = 'name_keys' THEN RETURN ARRAY(SELECT w.position FROM {index}_words w
        WHERE w.name_keys @@ narrow AND w.generation + 0 = current AND w.position + 0 BETWEEN first AND last LIMIT max_rows);
    ELSE RETURN ARRAY(SELECT w.position FROM {index}_words w
        WHERE w.everything @@ narrow AND w.generation + 0 = current AND w.position + 0 BETWEEN first AND last LIMIT max_rows); END IF;
END $$;

-- Returns the first `wanted` rows of a tier among those at `places`. `OFFSET 0` keeps the planner from testing all rows before it
-- sorts them.
CREATE FUNCTION {index}_tested(places bigint[], fields text[], queries tsquery[], tier integer, better integer[],
reversed boolean, wanted bigint) RETURNS TABLE (owner uuid, place bigint) LANGUAGE plpgsql STABLE ROWS 100
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_indexscan = on SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE current integer := (SELECT active FROM search_generation);
BEGIN
    RETURN QUERY SELECT one.owner, one.place FROM
        (SELECT p AS place FROM unnest(places) p ORDER BY CASE WHEN reversed THEN -p ELSE p END OFFSET 0) sorted
        CROSS JOIN LATERAL (SELECT w.{owner} AS owner, w.position AS place FROM {index}_words w WHERE w.generation = current AND w.position = sorted.place
        AND {index}_is_tier(w, fields, queries, tier, better) OFFSET 0) one LIMIT wanted;
END $$;

-- Returns the part of an expression that is read from the GIN index, how many times it takes as long as reading a row in the
-- order of the index, and the frequency that is expected of the whole expression.
--
-- A row from the GIN index takes two to three times as long as one in order. Of a beginning of a word, the GIN index reads the
-- entries of all words that begin with it, each of which takes half as long as a row in order. Therefore only the rarest term
-- is read if that is much faster.
CREATE FUNCTION {index}_narrow(field text, whole tsquery, exact tsquery, terms tsquery[], frequency double precision, table_rows double precision, sample_rows bigint,
OUT narrow tsquery, OUT cost double precision, OUT expected double precision) LANGUAGE plpgsql STABLE AS $$
DECLARE rows_per_match double precision := table_rows / 300; least double precision := 60.0 / sample_rows; current double precision; total double precision := 0; rarest double precision; alone tsquery; cost_alone double precision;
BEGIN
    -- One match may be the only one.
    narrow := whole; expected := GREATEST(frequency, least / 2); cost := rows_per_match * GREATEST(frequency - 5 * least, 0) * 3;
    IF COALESCE(cardinality(terms), 0) = 0 THEN RETURN; END IF;
    expected := 300;
    FOR term IN 1 .. cardinality(terms) LOOP
        current := {index}_sampled(field, terms[term], sample_rows);
        total := total + current; expected := expected * GREATEST(current, least) / 300;
        IF rarest IS NULL OR current < rarest THEN rarest := current; alone := terms[term]; END IF;
    END LOOP;
    rarest := GREATEST(rarest, least); expected := GREATEST(expected, frequency - 5 * least);
    cost := rows_per_match * (total * 0.5 + expected * 2.5); cost_alone := rows_per_match * rarest * 4.5;
    IF 2 * cost_alone < cost AND rows_per_match * rarest <= 4000 THEN
        cost := cost_alone; narrow := COALESCE(exact || alone, alone);
    END IF;
END $$;

-- Returns the rows of a search between two ranks, the best first: at least `wanted` if there are as many. Then a last
-- row without a hit has the rank at which the search has stopped.
--
-- Tier after tier is read: from the GIN index or in the order of the index, whichever is probably faster, and in the order
-- of the index if the GIN index has too many rows. If the first rows of the index have too few of the tier, the GIN index
-- has the rest.
--
-- A sample of 300 rows is wrong about rare words. In a large index, one of 3,000 rows decides: at once about a beginning of
-- a single word, and otherwise when 3,000 rows from the GIN index, or in order, would not be enough.
--
-- All tiers that are left are read at once if they have few rows: up to 500 at the beginning if that is fast, else up to
-- 1,500 when a tier has beginnings of words in all fields. `better` has as many entries for each tier, of which those that
-- are not needed are null.
CREATE FUNCTION {index}_page(fields text[], queries tsquery[], starts bigint[], better integer[], wide boolean[], exact tsquery, terms tsquery[], terms_per_tier integer,
first_rank bigint, last_rank bigint, reversed boolean, wanted bigint) RETURNS TABLE (hit uuid, hit_rank bigint) LANGUAGE plpgsql STABLE ROWS 100
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_indexscan = on SET enable_sort = on SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
current integer := (SELECT active FROM search_generation);
-- Unknown before the first analysis, when there are few.
table_rows double precision := (SELECT GREATEST(reltuples, 0) FROM pg_class WHERE oid = '{index}_words'::regclass);
tiers integer := cardinality(queries); top bigint := (1::bigint << 48) - 1; remaining bigint := wanted; budget bigint := 20000 + 10 * wanted;
own tsquery[]; loosest double precision; frequency double precision; scan_rows double precision; sample_rows bigint;
excluded integer[]; slots integer := cardinality(better) / cardinality(queries); is_large boolean := table_rows > 30000; narrow tsquery; rest tsquery; cost double precision; expected double precision; is_fast boolean; most bigint;
tier integer; first bigint; last bigint; bound bigint; size bigint; max_rows bigint; found bigint[]; ids uuid[]; places bigint[]; more_ids uuid[]; more_places bigint[];
BEGIN
    loosest := {index}_sampled(fields[tiers], queries[tiers], 300);
    own := CASE WHEN wide[tiers] THEN terms[(tiers - 1) * terms_per_tier + 1 : tiers * terms_per_tier] END;
    SELECT * INTO rest, cost, expected FROM {index}_narrow(fields[tiers], queries[tiers], exact, own, loosest, table_rows, 300);
    IF loosest > 0 OR expected > 0.5 OR cost > 20000 AND NOT reversed THEN rest := NULL; END IF;
    is_fast := reversed OR cost <= 5000; most := CASE WHEN is_fast THEN 500 ELSE 1500 END;
    FOR number IN 1 .. tiers LOOP
        tier := CASE WHEN reversed THEN tiers + 1 - number ELSE number END;
        first := GREATEST(first_rank - starts[tier], 0); last := LEAST(last_rank - starts[tier], top);
        CONTINUE WHEN first > last;
        IF rest IS NOT NULL AND (is_fast OR wide[tier] AND fields[tier] = fields[tiers]) THEN
            SELECT array_agg(i.place) FILTER (WHERE i.fits), count(*) INTO places, size
            FROM {index}_indexed(fields[tiers], rest, fields, queries, tiers, NULL, 0, top, CASE WHEN rest = queries[tiers] THEN most + 1 ELSE 1001 END) i;
            IF size <= 1000 AND COALESCE(cardinality(places), 0) <= most THEN
                RETURN QUERY SELECT w.{owner}, w.position + starts[one.best] FROM unnest(places) place
                JOIN {index}_words w ON w.generation = current AND w.position = place
                CROSS JOIN LATERAL (SELECT other AS best FROM generate_series(1, tiers) other
                WHERE CASE fields[other] WHEN 'name' THEN w.name WHEN 'name_keys' THEN w.name_keys ELSE w.everything END @@ queries[other] LIMIT 1) one
                WHERE w.position + starts[one.best] BETWEEN first_rank AND last_rank AND (reversed OR one.best >= tier);
                RETURN;
            END IF;
            rest := NULL;
        END IF;
        excluded := better[slots * (tier - 1) + 1 : slots * tier]; own := CASE WHEN wide[tier] THEN terms[(tier - 1) * terms_per_tier + 1 : tier * terms_per_tier] END;
        sample_rows := CASE WHEN is_large AND wide[tier] AND terms_per_tier = 0 THEN 3000 ELSE 300 END;
        LOOP
            frequency := CASE WHEN loosest = 0 AND sample_rows = 300 THEN 0 ELSE {index}_sampled(fields[tier], queries[tier], sample_rows) END;
            SELECT * INTO narrow, cost, expected FROM {index}_narrow(fields[tier], queries[tier], exact, own, frequency, table_rows, sample_rows);
            scan_rows := remaining * 300 / expected; size := NULL;
            max_rows := CASE WHEN is_large AND sample_rows = 300 THEN 3000 ELSE 6000 END;
            IF cost <= scan_rows THEN
                found := {index}_places(fields[tier], narrow, first, last, max_rows + 1); size := cardinality(found);
            END IF;
            EXIT WHEN size <= max_rows OR NOT is_large OR sample_rows > 300 OR size IS NULL AND scan_rows <= 3000;
            sample_rows := 3000;
        END LOOP;
        CONTINUE WHEN size = 0;
        IF size <= max_rows THEN
            SELECT array_agg(t.owner ORDER BY t.place), array_agg(t.place ORDER BY t.place) INTO ids, places
            FROM {index}_tested(found, fields, queries, tier, excluded, reversed, remaining) t;
        ELSE
            SELECT array_agg(s.owner ORDER BY s.place), array_agg(s.place ORDER BY s.place) INTO ids, places
            FROM {index}_scanned(fields, queries, tier, excluded, first, last, reversed, budget, remaining) s;
            IF COALESCE(cardinality(ids), 0) < remaining THEN
                IF reversed THEN SELECT w.position INTO bound FROM {index}_words w WHERE w.generation = current AND w.position BETWEEN first AND last ORDER BY w.generation DESC, w.position DESC OFFSET budget LIMIT 1;
                ELSE SELECT w.position INTO bound FROM {index}_words w WHERE w.generation = current AND w.position BETWEEN first AND last ORDER BY w.generation, w.position OFFSET budget LIMIT 1; END IF;
                IF bound IS NOT NULL THEN
                    SELECT array_agg(m.owner ORDER BY m.place), array_agg(m.place ORDER BY m.place) INTO more_ids, more_places FROM (
                    SELECT i.owner, i.place FROM {index}_indexed(fields[tier], narrow, fields, queries, tier, excluded,
                    CASE WHEN reversed THEN first ELSE bound END, CASE WHEN reversed THEN bound ELSE last END, NULL) i
                    WHERE i.fits ORDER BY CASE WHEN reversed THEN -i.place ELSE i.place END LIMIT remaining - COALESCE(cardinality(ids), 0)) m;
                    IF reversed THEN ids := more_ids || ids; places := more_places || places; ELSE ids := ids || more_ids; places := places || more_places; END IF;
                END IF; END IF; END IF;
        size := COALESCE(cardinality(ids), 0);
        CONTINUE WHEN size = 0;
        RETURN QUERY SELECT one.id, one.place + starts[tier] FROM unnest(ids, places) AS one (id, place);
        remaining := remaining - size;
        IF remaining <= 0 THEN
            hit := NULL; hit_rank := starts[tier] + CASE WHEN reversed THEN places[1] ELSE places[size] END; RETURN NEXT; RETURN;
        END IF;
    END LOOP;
END $$;
