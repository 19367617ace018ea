"""Networks that several learners share, how they are trained, and how they are kept."""
