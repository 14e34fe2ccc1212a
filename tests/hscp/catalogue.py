"""What a database holds, as PostgreSQL describes it: to tell whether the migrations make what the models say."""

OUR_APPS = ("partnership_", "schools_", "learninghubs_", "scrutiny_")
COLUMNS = """
    SELECT table_name || '.' || column_name,
           concat_ws(' ', data_type, character_maximum_length, numeric_precision, is_nullable, identity_generation)
    FROM information_schema.columns WHERE table_schema = 'public'
"""
CONSTRAINTS = """
    SELECT conrelid::regclass || ': ' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""
INDEXES = "SELECT tablename || ': ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
TRIGGERS = """
    SELECT tgrelid::regclass || ': ' || tgname, pg_get_triggerdef(t.oid) || ' ' || p.prosrc
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT tgisinternal
"""


def catalogue(connection) -> dict[str, str]:
    """Every column, constraint, index and trigger of our tables by name, with its definition."""
    found = {}
    with connection.cursor() as cursor:
        for statement in (COLUMNS, CONSTRAINTS, INDEXES, TRIGGERS):
            cursor.execute(statement)
            found |= dict(cursor.fetchall())
    return {name: definition for name, definition in found.items() if name.startswith(OUR_APPS)}
