"""Pages. A view reads the request, calls a service and fills a template; each module lists its own paths."""
