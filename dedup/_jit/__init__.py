"""How kernels are compiled, and what several of them call: hash sets, n-grams, pairs."""
