"""The session and what belongs to it: before, during and after, the device's life, and what may be expected.

`stages` the guided session · `session` one zone while it is needled · `clock` when can I … · `afterwards` warning signs and
redness · `device` a device's life · `same` the same as last time · `change` what moved between two plans · `expect` what can be
expected by now. Nothing here loads numpy or Django.
"""
