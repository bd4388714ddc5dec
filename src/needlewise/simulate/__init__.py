"""What a device and a technique do to the skin, as far as geometry and published measurements can tell.

`geometry` and `healing` need only the standard library, so that a plan may use them; `coverage` draws strikes with numpy.
`portrait` draws photos of a person who does not exist, for trying the app and testing what is measured.
"""
