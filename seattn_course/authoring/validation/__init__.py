"""Running every notebook and comparing its outputs: the two lanes (CPU with nbval, GPU), and their report."""
