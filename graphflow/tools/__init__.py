"""Tools that prepare graphs for use without their programs."""
