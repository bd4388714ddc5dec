"""Django's formats where English has a neutral way to write them."""
