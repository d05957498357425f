"""The shared kernel: values, events and rules that all contexts know. No storage, no I/O."""
