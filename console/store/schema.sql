-- The console's tables. A change that older files don't fit gets a new file name: FILE in __init__.py.

-- number grows with each trace's first record, so the lowest are the oldest. From rank on: Facts, in facts.py.
CREATE TABLE IF NOT EXISTS traces (
    number INTEGER PRIMARY KEY,
    trace_id TEXT NOT NULL UNIQUE,
    first_received_ns INTEGER NOT NULL,
    lacking INTEGER NOT NULL, -- Facts.lacking: one bit a vendor, in the order of VENDORS.
    rank INTEGER NOT NULL,
    started_ns INTEGER NOT NULL,
    method TEXT NOT NULL,
    route TEXT NOT NULL,
    status INTEGER,
    duration_ms REAL,
    service TEXT NOT NULL,
    service_rank INTEGER NOT NULL,
    service_ns INTEGER NOT NULL,
    error TEXT NOT NULL,
    error_rank INTEGER NOT NULL,
    error_ns INTEGER NOT NULL,
    has_error INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    served INTEGER NOT NULL,
    sampled INTEGER NOT NULL,
    joined INTEGER NOT NULL,
    spans INTEGER NOT NULL,
    segments INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    items INTEGER NOT NULL,
    logs INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS traces_by_start ON traces (started_ns, number);
CREATE INDEX IF NOT EXISTS traces_by_route ON traces (route);
-- The services whose requests all four vendors should have: see summarize() in traces.py.
CREATE INDEX IF NOT EXISTS traces_by_service ON traces (service) WHERE joined;

-- trace is NULL for what no trace id joins. vendor: one of SOURCES, in facts.py; the lines of a request are those of
-- `cloudwatch` and of `logs`. body is the receiver's record, as JSON.
CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY,
    trace INTEGER,
    vendor TEXT NOT NULL,
    received_ns INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS records_by_trace ON records (trace, vendor);

-- OTLP's metrics. A series is an instrument with one set of attributes (JSON), in one process (service.instance.id).
-- value of a point: a number's, or of the others the sum; count: of the others, how much was recorded, at most 2^63 - 1.
-- body: what the list of instruments has no need of, as JSON.
CREATE TABLE IF NOT EXISTS instruments (
    number INTEGER PRIMARY KEY,
    service TEXT NOT NULL,
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    kind TEXT NOT NULL,
    temporality TEXT NOT NULL,
    description TEXT NOT NULL,
    UNIQUE (service, name, scope, unit, kind, temporality)
) STRICT;
CREATE TABLE IF NOT EXISTS series (
    number INTEGER PRIMARY KEY,
    instrument INTEGER NOT NULL,
    instance TEXT NOT NULL,
    attributes TEXT NOT NULL,
    newest INTEGER NOT NULL, -- Its newest point's number: the series with the lowest is the first to go.
    UNIQUE (instrument, instance, attributes)
) STRICT;
CREATE INDEX IF NOT EXISTS series_by_newest ON series (instrument, newest);
CREATE TABLE IF NOT EXISTS points (
    number INTEGER PRIMARY KEY,
    series INTEGER NOT NULL,
    start_ns INTEGER NOT NULL,
    time_ns INTEGER NOT NULL,
    value REAL NOT NULL,
    count INTEGER,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS points_by_series ON points (series, number);

-- What queries look at: Event, in events.py, for each record one or more.
CREATE TABLE IF NOT EXISTS events (
    record INTEGER NOT NULL,
    trace INTEGER,
    kind TEXT NOT NULL,
    started_ns INTEGER NOT NULL,
    duration_ms REAL,
    error INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    level ANY -- The attribute of this name.
) STRICT;
-- The chart of all lines counts them by level, in the index alone.
CREATE INDEX IF NOT EXISTS events_by_time ON events (kind, started_ns, error, level);
CREATE INDEX IF NOT EXISTS events_by_trace ON events (trace, record);
CREATE INDEX IF NOT EXISTS events_by_record ON events (record);
-- Few events are errors' or calls: of these, the attributes that store/derived.py adds.
CREATE INDEX IF NOT EXISTS events_by_group ON events (json_extract(attributes, '$."console.group"'), started_ns)
    WHERE json_extract(attributes, '$."console.group"') IS NOT NULL;
CREATE INDEX IF NOT EXISTS events_that_call ON events (started_ns)
    WHERE json_extract(attributes, '$."console.calls"') IS NOT NULL;
CREATE INDEX IF NOT EXISTS events_called ON events (json_extract(attributes, '$."trace.parent_id"'))
    WHERE kind = 'spans' AND json_extract(attributes, '$."kind"') IN ('SERVER', 'CONSUMER');

-- The processes that sent spans, by service.instance.id: from them follows when a service was started.
CREATE TABLE IF NOT EXISTS instances (
    service TEXT NOT NULL,
    instance TEXT NOT NULL,
    first_ns INTEGER NOT NULL,
    last_ns INTEGER NOT NULL,
    PRIMARY KEY (service, instance)
) STRICT, WITHOUT ROWID;

-- Queries that were saved by name: SavedQueries, in saved.py.
CREATE TABLE IF NOT EXISTS saved_queries (
    name TEXT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL
) STRICT;
