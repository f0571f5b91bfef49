"""Reading summaries in tests: tf.contrib.testing."""
import glob
import os

import numpy as np

from graphflow.summary.summary_iterator import summary_iterator


def to_summary_proto(summary_str):
    """The Summary message of a summary op's value, bytes."""
    from tensorboard.compat.proto.summary_pb2 import Summary
    return Summary.FromString(summary_str)


def assert_summary(expected_tags, expected_simple_values, summary_proto):
    """Asserts the tags of a Summary message and, where it holds simple values, that they are close to those expected.

    Args:
      expected_tags: a list of the tags, in any order.
      expected_simple_values: a dict of tags to numbers.
      summary_proto: a Summary message.

    Raises: AssertionError.
    """
    values = {value.tag: value for value in summary_proto.value}
    assert set(expected_tags) == set(values), f'{sorted(expected_tags)} != {sorted(values)}'
    simple = {tag: v.simple_value for tag, v in values.items() if v.HasField('simple_value')}
    assert set(expected_simple_values) == set(simple), f'{sorted(expected_simple_values)} != {sorted(simple)}'
    for tag, expected in expected_simple_values.items():
        np.testing.assert_allclose(simple[tag], expected, rtol=1e-6, err_msg=tag)


def latest_event_file(base_dir):
    """The path of the event file in a directory that was changed last; None if there is none."""
    paths = glob.glob(os.path.join(base_dir, 'events.*'))
    return max(paths, key=os.path.getctime) if paths else None


def latest_events(base_dir):
    """The Event messages of `latest_event_file`, a list."""
    path = latest_event_file(base_dir)
    return list(summary_iterator(path)) if path else []


def latest_summaries(base_dir):
    """Those of `latest_events` that hold summaries."""
    return [event for event in latest_events(base_dir) if event.HasField('summary')]


def simple_values_from_events(events, tags):
    """A dict of those of `tags` that have a simple value in Event messages to that value, the first one."""
    found = {}
    for event in events:
        for value in event.summary.value:
            if value.tag in tags and value.HasField('simple_value'):
                found.setdefault(value.tag, value.simple_value)
    return found
