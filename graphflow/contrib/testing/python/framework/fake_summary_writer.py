"""TensorFlow's place of FakeSummaryWriter."""
from graphflow.test.fake_summary_writer import FakeSummaryWriter  # noqa: F401
