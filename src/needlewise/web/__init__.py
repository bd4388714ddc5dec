"""The app at home: pages, records and photos, on one's own machine. The only package that imports Django."""
