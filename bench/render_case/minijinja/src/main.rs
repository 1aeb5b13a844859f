// The same commands as bench/render_yellow.c, for minijinja.
use minijinja::{syntax::SyntaxConfig, value::Serde, Environment, Value};
use std::hint::black_box;
use std::io::BufRead;

fn cpu_ns() -> u64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut t) };
    t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64
}

fn compile(texts: &[(&'static str, String)]) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().unwrap());
    for (name, text) in texts {
        env.add_template_owned(*name, text.clone()).unwrap();
    }
    env
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let texts: Vec<_> = ["stack.j2", "macros.j2", "probes.j2"]
        .iter()
        .map(|name| (*name, std::fs::read_to_string(format!("{}/{}", args[1], name)).unwrap()))
        .collect();
    let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&args[2]).unwrap()).unwrap();
    let context = Value::from(Serde(&json));
    let env = compile(&texts);
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let (what, rest) = line.split_once(' ').unwrap();
        let start = cpu_ns();
        match what {
            "output" => {
                let text = env.get_template("stack.j2").unwrap().render(context.clone()).unwrap();
                std::fs::write(rest, text).unwrap();
            }
            "render" => {
                for _ in 0..rest.parse::<u64>().unwrap() {
                    black_box(env.get_template("stack.j2").unwrap().render(context.clone()).unwrap());
                }
            }
            _ => {
                for _ in 0..rest.parse::<u64>().unwrap() {
                    black_box(compile(&texts));
                }
            }
        }
        println!("{}", cpu_ns() - start);
    }
}
