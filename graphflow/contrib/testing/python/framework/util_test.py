"""TensorFlow's place of the functions that read summaries in tests."""
from graphflow.test.summaries import (  # noqa: F401
    assert_summary, latest_event_file, latest_events, latest_summaries, simple_values_from_events, to_summary_proto)
