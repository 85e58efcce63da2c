//! Tables that people have.
