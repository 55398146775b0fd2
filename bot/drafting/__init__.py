"""From a typed summary to statements: points, the sorter, guards."""
