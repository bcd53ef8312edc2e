parser = argparse.ArgumentParser(description=@description@, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--duration", type=float, default=@duration@, metavar="MS", help="time that is measured (default %(default)s)")
parser.add_argument("--warmup", type=float, default=@warmup@, metavar="MS", help="time before it that is not (default %(default)s)")
parser.add_argument("--seed", type=int, default=@seed@, metavar="N", help="of all random numbers (default %(default)s)")
@threads@
parser.add_argument("--spikes", metavar="PATH", help="write all spikes, those of the warm-up included, as CSV")
options = parser.parse_args()
warmup_steps, duration_steps = (int(time / DT * (1 + 1e-9) + 0.5) for time in (options.warmup, options.duration))
warmup, duration = warmup_steps * DT, duration_steps * DT
