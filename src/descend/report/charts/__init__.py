"""The figures of a report: answers, trainings, columns; each with its words, which come from `descend.describe`."""
