//! Reads what was sent to a printer as a printer does, strictly: an unknown order is a failure. Independent of what writes it.

use std::process::Command;

/// The upper half of code page 858, as Python's codec `cp858` has it.
const UPPER: &str =
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// What came out of the printer.
#[derive(Debug, Default)]
pub struct Paper {
    /// Lines of its own letters.
    pub lines: Vec<String>,
    /// Pictures: width, height, whether each dot is black.
    pub pictures: Vec<Picture>,
    /// How often the paper was cut.
    pub cuts: u32,
    /// Questions about its state that it was asked.
    pub questions: u32,
    /// The code page that was chosen.
    pub code_page: Option<u8>,
    /// The widest line, in columns of its own letters.
    pub columns: usize,
    /// Whether pairs of bytes are letters no more.
    pub single_bytes: bool,
}

#[derive(Debug, Clone)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub dots: Vec<bool>,
}

impl Paper {
    /// Reads everything that was sent.
    #[track_caller]
    pub fn read(bytes: &[u8]) -> Paper {
        let mut paper = Paper::default();
        let (mut line, mut wide, mut column) = (String::new(), 1, 0);
        let mut at = 0;
        let mut initialised = false;
        while at < bytes.len() {
            let rest = &bytes[at..];
            at += match rest {
                [0x10, 0x04, n, ..] => {
                    assert!(matches!(n, 1..=4), "status {n}");
                    paper.questions += 1;
                    3
                }
                [0x1b, b'@', ..] => {
                    initialised = true;
                    2
                }
                [0x1b, b't', page, ..] => {
                    paper.code_page = Some(*page);
                    3
                }
                [0x1b, b'R', 0, ..] | [0x1b, b'E', 0 | 1, ..] | [0x1b, b'a', 0..=2, ..] => 3,
                [0x1b, b'2', ..] => 2,
                [0x1c, b'.', ..] => {
                    paper.single_bytes = true;
                    2
                }
                [0x1d, b'!', size, ..] => {
                    wide = usize::from(size >> 4) + 1;
                    3
                }
                [0x1b, b'd', count, ..] => {
                    assert!(*count >= 1);
                    paper.lines.push(std::mem::take(&mut line));
                    column = 0;
                    3
                }
                [0x1d, b'V', b'A', _, ..] => {
                    paper.cuts += 1;
                    4
                }
                [0x1d, b'v', b'0', 0, wl, wh, hl, hh, dots @ ..] => {
                    assert!(line.is_empty(), "a picture in the middle of a line");
                    let (across, height) = (usize::from(u16::from_le_bytes([*wl, *wh])), usize::from(u16::from_le_bytes([*hl, *hh])));
                    let dots = &dots[..across * height];
                    for pair in dots.windows(2) {
                        assert!(pair[0] != 0x10 || !matches!(pair[1], 0x04 | 0x05 | 0x14), "an order that is obeyed at once stands in a picture");
                    }
                    let dots = dots.iter().flat_map(|byte| (0..8).map(move |bit| byte & (0x80 >> bit) != 0)).collect();
                    paper.pictures.push(Picture { width: across * 8, height, dots });
                    8 + across * height
                }
                [letter @ (0x20..=0x7e | 0x80..), ..] => {
                    assert!(initialised, "text before the printer was set up");
                    line.push(if *letter < 0x80 { char::from(*letter) } else { UPPER.chars().nth(usize::from(*letter) - 0x80).unwrap() });
                    column += wide;
                    paper.columns = paper.columns.max(column);
                    1
                }
                [order, ..] => panic!("at {at}: {order:#04x} is no order that a slip needs: {:02x?}", &rest[..rest.len().min(12)]),
                [] => unreachable!(),
            };
        }
        assert_eq!(line, "", "the last line was not ended");
        paper
    }

    /// Whether a line says this.
    pub fn says(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.contains(text))
    }
}

impl Picture {
    pub fn ink(&self) -> usize {
        self.dots.iter().filter(|dot| **dot).count()
    }

    /// As a portable bitmap, for other programs to look at.
    pub fn pbm(&self) -> Vec<u8> {
        let mut file = format!("P1\n{} {}\n", self.width, self.height).into_bytes();
        file.extend(self.dots.chunks(self.width).flat_map(|row| row.iter().map(|dot| if *dot { b'1' } else { b'0' }).chain([b'\n'])));
        file
    }

    /// What an independent reader finds in it.
    #[track_caller]
    pub fn decoded(&self, folder: &std::path::Path) -> String {
        let file = folder.join("picture.pbm");
        std::fs::write(&file, self.pbm()).unwrap();
        zbarimg(&file)
    }
}

/// What zbarimg reads from a picture.
#[track_caller]
pub fn zbarimg(file: &std::path::Path) -> String {
    let output = Command::new("zbarimg")
        .args(["--raw", "--quiet", "-Sdisable", "-Sqrcode.enable"])
        .arg(file)
        .output()
        .unwrap_or_else(|error| panic!("zbarimg is needed to read QR codes back ({error}): run `make test` once, which installs it"));
    assert!(output.status.success(), "no QR code in {}", file.display());
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}
