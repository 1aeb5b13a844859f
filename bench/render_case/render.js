// The same commands as bench/render_yellow.c, for nunjucks; argv[4] is the folder where npm put it.
const fs = require('fs'), path = require('path'), readline = require('readline');
const nunjucks = require(path.join(process.argv[4], 'node_modules', 'nunjucks'));
const names = ['stack.j2', 'macros.j2', 'probes.j2'];
const texts = Object.fromEntries(names.map(name => [name, fs.readFileSync(path.join(process.argv[2], name), 'utf8')]));
const loader = {getSource: name => ({src: texts[name], path: name, noCache: false})};
const context = JSON.parse(fs.readFileSync(process.argv[3], 'utf8'));

function compile() {
    const env = new nunjucks.Environment(loader, {autoescape: false, trimBlocks: true, lstripBlocks: true});
    for (const name of names) env.getTemplate(name, true);
    return env;
}

const env = compile();
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) * 1000; };
readline.createInterface({input: process.stdin}).on('line', line => {
    const [what, rest] = line.split(' ');
    const start = cpu();
    if (what === 'output') fs.writeFileSync(rest, env.render('stack.j2', context));
    else for (let i = 0; i < +rest; i++) what === 'render' ? env.render('stack.j2', context) : compile();
    console.log(cpu() - start);
});
