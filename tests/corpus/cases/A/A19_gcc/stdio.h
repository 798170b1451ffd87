#error another header
