//! Slips: what reaches a printer, byte by byte; printers at their worst; a sale that no printer delays.

mod paper;
mod printers;
mod records;
mod stand_in;
mod waiting;
