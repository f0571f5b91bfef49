"""What every layer may use and none is about: nested structures, deprecation notices, introspection."""
