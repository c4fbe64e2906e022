CREATE TABLE people (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    office TEXT NOT NULL CHECK (office IN ('Cork', 'Bruges', 'Porto')),
    kind TEXT NOT NULL CHECK (kind IN ('employee', 'intern', 'contractor')),
    job TEXT NOT NULL,
    manager TEXT REFERENCES people (id),
    head TEXT REFERENCES people (id),  -- of the cost centre
    unit TEXT NOT NULL CHECK (unit IN ('staff', 'it', 'finance', 'facilities')),
    joined TEXT NOT NULL,
    iban TEXT NOT NULL
);
CREATE TABLE leave_requests (
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL REFERENCES people (id),
    kind TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    days INTEGER NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'rejected', 'cancelled')),
    decided_by TEXT REFERENCES people (id)
);
CREATE TABLE tickets (
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL REFERENCES people (id),
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    priority INTEGER NOT NULL DEFAULT 3,
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed'))
);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY,
    ticket INTEGER NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    person TEXT NOT NULL REFERENCES people (id),
    text TEXT NOT NULL
);
CREATE TABLE rooms (
    name TEXT PRIMARY KEY,
    office TEXT NOT NULL,
    seats INTEGER NOT NULL,
    equipment TEXT NOT NULL,
    bookable INTEGER NOT NULL
);
CREATE TABLE bookings (
    id INTEGER PRIMARY KEY,
    room TEXT NOT NULL REFERENCES rooms (name),
    person TEXT NOT NULL REFERENCES people (id),
    day TEXT NOT NULL,
    start TEXT NOT NULL,
    finish TEXT NOT NULL,
    title TEXT NOT NULL
);
CREATE TABLE claims (
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL REFERENCES people (id),
    category TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),  -- in cents
    spent_on TEXT NOT NULL,
    purpose TEXT NOT NULL,
    receipt TEXT NOT NULL DEFAULT '',
    guests INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT 'submitted' CHECK (status IN ('submitted', 'approved', 'rejected', 'paid'))
);
CREATE TABLE claim_approvals (
    claim INTEGER NOT NULL REFERENCES claims (id),
    person TEXT NOT NULL REFERENCES people (id),
    PRIMARY KEY (claim, person)
);
CREATE TABLE payments (
    claim INTEGER PRIMARY KEY REFERENCES claims (id),
    iban TEXT NOT NULL,
    amount INTEGER NOT NULL,
    released_by TEXT NOT NULL REFERENCES people (id)
);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    sender TEXT NOT NULL REFERENCES people (id),
    recipients TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE pages (
    name TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE calls (
    key TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    tool TEXT NOT NULL,
    arguments TEXT NOT NULL,
    result TEXT NOT NULL
);
