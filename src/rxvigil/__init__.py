"""rxvigil: cited safety rules for people on azathioprine and other blood-monitored drugs."""
