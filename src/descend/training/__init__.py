"""Many descents at once, and the best one wins: arguments of fit -> restarts -> the kept one."""
