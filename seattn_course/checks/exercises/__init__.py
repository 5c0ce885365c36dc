"""The exercises: a folder for each lesson, a file for each exercise."""
