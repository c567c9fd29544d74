"""x"""
def page(*a): return ""
