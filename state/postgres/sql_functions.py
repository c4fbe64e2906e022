"""The functions of Postgres that a question in SQL may call, by their names in pg_proc.

None of them reads a file, a setting or the catalog, runs SQL, waits, locks or writes; none makes a long text of a short
one (repeat, lpad), since a question has the database's memory and not its own.
"""

AGGREGATES = """
count sum avg min max string_agg array_agg bool_and bool_or every stddev stddev_pop stddev_samp variance var_pop
var_samp corr covar_pop covar_samp regr_slope regr_intercept regr_r2 regr_count mode percentile_cont percentile_disc
json_agg jsonb_agg json_object_agg jsonb_object_agg
""".split()

WINDOWS = "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value".split()

NUMBERS = """
abs ceil ceiling floor round trunc mod div power sqrt cbrt exp ln log log10 sign degrees radians pi sin cos tan asin
acos atan atan2 width_bucket gcd lcm scale
""".split()

TEXTS = """
length char_length character_length octet_length lower upper initcap btrim ltrim rtrim trim left right reverse substr
substring position strpos overlay replace translate split_part concat concat_ws starts_with ascii chr md5 to_char
to_number regexp_replace regexp_match regexp_matches regexp_count regexp_substr regexp_split_to_array
string_to_array array_to_string like_escape similar_to_escape similar_escape
""".split()

TIMES = """
now date_trunc date_part extract age make_date make_time make_timestamp make_timestamptz make_interval to_date
to_timestamp timezone justify_days justify_hours justify_interval isfinite date_bin overlaps
current_date current_timestamp current_time localtimestamp localtime
""".split()

VALUES = """
coalesce nullif greatest least num_nulls num_nonnulls grouping
array_length array_position array_remove cardinality unnest array_cat array_append
to_json to_jsonb json_build_object jsonb_build_object json_build_array jsonb_build_array json_array_length
jsonb_array_length json_array_elements jsonb_array_elements json_array_elements_text jsonb_array_elements_text
json_extract_path jsonb_extract_path json_extract_path_text jsonb_extract_path_text json_typeof jsonb_typeof
json_object_keys jsonb_object_keys jsonb_path_exists jsonb_path_query jsonb_path_query_first lower_inc upper_inc isempty
""".split()

FUNCTIONS = frozenset([*AGGREGATES, *WINDOWS, *NUMBERS, *TEXTS, *TIMES, *VALUES])
