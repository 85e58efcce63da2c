//! Starts the window.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use clap::Parser as _;

fn main() {
    counterfoil::run(counterfoil::Options::parse());
}
