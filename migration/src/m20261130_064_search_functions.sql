-- Functions of the search on PostgreSQL that read the best matches and little else, for any words: see
-- `src/catalog/search/index/mod.rs`. They are planned once for each connection, not for each search.

-- Returns how many of the first 300 rows of the index match.
CREATE FUNCTION {index}_sampled(field text, query tsquery) RETURNS bigint LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_indexscan = on SET enable_sort = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN RETURN (SELECT count(*) FROM (SELECT CASE field WHEN 'name' THEN name WHEN 'name_keys' THEN name_keys ELSE everything END AS words
FROM {index}_words WHERE generation = (SELECT active FROM search_generation) ORDER BY generation, position LIMIT 300) sample
WHERE words @@ query); END $$;

-- Whether a row belongs to a tier: it matches the words of the tier, and not those of the better tiers, of which
-- `better` has two for each.
CREATE FUNCTION {index}_is_tier(words {index}_words, fields text[], queries tsquery[], tier integer, better integer[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
SELECT CASE fields[tier] WHEN 'name' THEN words.name WHEN 'name_keys' THEN words.name_keys ELSE words.everything END @@ queries[tier]
AND NOT COALESCE(CASE fields[better[2 * tier - 1]] WHEN 'name' THEN words.name WHEN 'name_keys' THEN words.name_keys ELSE words.everything END @@ queries[better[2 * tier - 1]], FALSE)
AND NOT COALESCE(CASE fields[better[2 * tier]] WHEN 'name' THEN words.name WHEN 'name_keys' THEN words.name_keys ELSE words.everything END @@ queries[better[2 * tier]], FALSE) $$;

-- Returns up to `max_rows` rows that match `narrow`, in no particular order, and whether they belong to the tier. They
-- are read from the GIN index, whatever the planner expects: its statistics know only the most frequent words.
CREATE FUNCTION {index}_indexed(field text, narrow tsquery, fields text[], queries tsquery[], tier integer, better integer[],
first bigint, last bigint, max_rows bigint) RETURNS TABLE (owner uuid, place bigint, fits boolean) LANGUAGE plpgsql STABLE ROWS 100
SET enable_seqscan = off SET enable_bitmapscan = on SET enable_indexscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE current integer := (SELECT active FROM search_generation);
BEGIN
    IF field = 'name' THEN RETURN QUERY SELECT w.{owner}, w.position, {index}_is_tier(w, fields, queries, tier, better) FROM {index}_words w
        WHERE w.name @@ narrow AND w.generation + 0 = current AND w.position + 0 BETWEEN first AND last LIMIT max_rows;
    ELSIF field = 'name_keys' THEN RETURN QUERY SELECT w.{owner}, w.position, {index}_is_tier(w, fields, queries, tier, better) FROM {index}_words w
        WHERE w.name_keys @@ narrow AND w.generation + 0 = current AND w.position + 0 BETWEEN first AND last LIMIT max_rows;
    ELSE RETURN QUERY SELECT w.{owner}, w.position, {index}_is_tier(w, fields, queries, tier, better) FROM {index}_words w
        WHERE w.everything @@ narrow AND w.generation + 0 = current AND w.position + 0 BETWEEN first AND last LIMIT max_rows; END IF;
END $$;

-- Returns up to `wanted` rows of a tier among the first `max_rows` of the index, in its order.
CREATE FUNCTION {index}_scanned(fields text[], queries tsquery[], tier integer, better integer[],
first bigint, last bigint, reversed boolean, max_rows bigint, wanted bigint) RETURNS TABLE (owner uuid, place bigint) LANGUAGE plpgsql STABLE ROWS 100
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_indexscan = on SET enable_sort = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE current integer := (SELECT active FROM search_generation);
BEGIN
    IF reversed THEN RETURN QUERY SELECT w.{owner}, w.position FROM (SELECT * FROM {index}_words WHERE generation = current AND position BETWEEN first AND last
        ORDER BY generation DESC, position DESC LIMIT max_rows) w WHERE {index}_is_tier(ROW(w.*)::{index}_words, fields, queries, tier, better) LIMIT wanted;
    ELSE RETURN QUERY SELECT w.{owner}, w.position FROM (SELECT * FROM {index}_words WHERE generation = current AND position BETWEEN first AND last
        ORDER BY generation, position LIMIT max_rows) w WHERE {index}_is_tier(ROW(w.*)::{index}_words, fields, queries, tier, better) LIMIT wanted; END IF;
END $$;

-- Returns the part of an expression that is read from the GIN index. Beginnings of words that 15 percent of the rows
-- have are left out if there is another word: the GIN index would read all rows of all words that begin with them.
CREATE FUNCTION {index}_narrow(field text, whole tsquery, exact tsquery, terms tsquery[], frequencies bigint[]) RETURNS tsquery LANGUAGE plpgsql STABLE AS $$
DECLARE narrow tsquery;
BEGIN
    IF NOT COALESCE(45 <= ANY (frequencies), FALSE) THEN RETURN whole; END IF;
    FOR term IN 1 .. cardinality(terms) LOOP
        IF frequencies[term] < 45 OR {index}_sampled(field, terms[term]) < 45 THEN narrow := COALESCE(narrow && terms[term], terms[term]); END IF;
    END LOOP;
    RETURN COALESCE(exact || narrow, narrow);
END $$;

-- Returns the rows of a search between two ranks, the best first: at least `wanted` if there are as many. Then a last
-- row without a hit has the rank at which the search has stopped.
--
-- Up to 500 matches are all read and ranked. Otherwise tier after tier is read: from the GIN index if it has up to 4,000
-- rows, else in the order of the index. If the first rows of the index have too few of them, the GIN index has the rest.
CREATE FUNCTION {index}_page(fields text[], queries tsquery[], starts bigint[], better integer[], wide boolean[], exact tsquery, terms tsquery[], terms_per_tier integer,
first_rank bigint, last_rank bigint, reversed boolean, wanted bigint) RETURNS TABLE (hit uuid, hit_rank bigint) LANGUAGE plpgsql STABLE ROWS 100
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_indexscan = on SET enable_sort = on SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
current integer := (SELECT active FROM search_generation);
tiers integer := cardinality(queries); top bigint := (1::bigint << 48) - 1; remaining bigint := wanted; budget bigint := 20000 + 10 * wanted;
own tsquery[]; frequencies bigint[]; frequent bigint; narrow tsquery; tier integer; first bigint; last bigint; bound bigint; size bigint;
ids uuid[]; places bigint[]; more_ids uuid[]; more_places bigint[];
BEGIN
    own := terms[(tiers - 1) * terms_per_tier + 1 : tiers * terms_per_tier];
    FOR term IN 1 .. COALESCE(cardinality(own), 0) LOOP frequencies := frequencies || {index}_sampled(fields[tiers], own[term]); END LOOP;
    frequent := {index}_sampled(fields[tiers], queries[tiers]);
    IF frequent < 6 THEN
        narrow := {index}_narrow(fields[tiers], queries[tiers], exact, own, frequencies);
        IF narrow = queries[tiers] OR narrow IS NOT NULL AND {index}_sampled(fields[tiers], narrow) < 6 THEN
            SELECT array_agg(i.place) FILTER (WHERE i.fits), count(*) INTO places, size
            FROM {index}_indexed(fields[tiers], narrow, fields, queries, tiers, NULL, 0, top, 501) i;
            IF size <= 500 THEN
                RETURN QUERY SELECT w.{owner}, w.position + starts[one.tier] FROM unnest(places) place
                JOIN {index}_words w ON w.generation = current AND w.position = place
                CROSS JOIN LATERAL (SELECT number AS tier FROM generate_series(1, tiers) number
                WHERE CASE fields[number] WHEN 'name' THEN w.name WHEN 'name_keys' THEN w.name_keys ELSE w.everything END @@ queries[number] LIMIT 1) one
                WHERE w.position + starts[one.tier] BETWEEN first_rank AND last_rank;
                RETURN;
            END IF; END IF; END IF;
    FOR number IN 1 .. tiers LOOP
        tier := CASE WHEN reversed THEN tiers + 1 - number ELSE number END;
        first := GREATEST(first_rank - starts[tier], 0); last := LEAST(last_rank - starts[tier], top);
        CONTINUE WHEN first > last;
        narrow := queries[tier];
        IF wide[tier] THEN
            own := terms[(tier - 1) * terms_per_tier + 1 : tier * terms_per_tier];
            narrow := {index}_narrow(fields[tier], narrow, exact, own, frequencies);
        END IF;
        size := NULL;
        IF frequent < 6 AND narrow = queries[tier] OR narrow IS NOT NULL AND {index}_sampled(fields[tier], narrow) < 6 THEN
            SELECT array_agg(i.owner ORDER BY i.place) FILTER (WHERE i.fits), array_agg(i.place ORDER BY i.place) FILTER (WHERE i.fits), count(*) INTO ids, places, size
            FROM {index}_indexed(fields[tier], narrow, fields, queries, tier, better, first, last, 4001) i;
            CONTINUE WHEN size = 0;
        END IF;
        IF size <= 4000 THEN
            size := COALESCE(cardinality(ids), 0);
            IF size > remaining THEN
                IF reversed THEN ids := ids[size - remaining + 1 :]; places := places[size - remaining + 1 :];
                ELSE ids := ids[: remaining]; places := places[: remaining]; END IF;
            END IF;
        ELSE
            SELECT array_agg(s.owner ORDER BY s.place), array_agg(s.place ORDER BY s.place) INTO ids, places
            FROM {index}_scanned(fields, queries, tier, better, first, last, reversed, budget, remaining) s;
            IF COALESCE(cardinality(ids), 0) < remaining THEN
                IF reversed THEN SELECT w.position INTO bound FROM {index}_words w WHERE w.generation = current AND w.position BETWEEN first AND last ORDER BY w.generation DESC, w.position DESC OFFSET budget LIMIT 1;
                ELSE SELECT w.position INTO bound FROM {index}_words w WHERE w.generation = current AND w.position BETWEEN first AND last ORDER BY w.generation, w.position OFFSET budget LIMIT 1; END IF;
                IF bound IS NOT NULL THEN
                    SELECT array_agg(m.owner ORDER BY m.place), array_agg(m.place ORDER BY m.place) INTO more_ids, more_places FROM (
                    SELECT i.owner, i.place FROM {index}_indexed(fields[tier], COALESCE(narrow, queries[tier]), fields, queries, tier, better,
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
