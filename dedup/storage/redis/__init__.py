"""The same store on a Redis server, for several machines."""
