# `make scan` and `make test` do all the set-up they need; see README.md.

CARGO ?= cargo
# A site to scan, such as https://www.example.org/; without one, the invented site of the demo.
URL ?=
# Further arguments, as the command line takes them: ARGS="--pages /contact,/help".
ARGS ?=

.PHONY: scan test bench banners matrix fuzz hostile classify-score claims-score classify-fit readme

scan:
	@./setup.sh scan
	@$(CARGO) build --release
	@mkdir -p reports
	@status=0; \
	$(CARGO) run --release --quiet -- $(if $(URL),scan '$(URL)',demo) \
		--report terminal --report html=reports/report.html --report json=reports/report.json \
		$(ARGS) || status=$$?; \
	case $$status in \
		0) echo "exit status 0: nothing found that fails a run, and nothing left open" ;; \
		1) echo "exit status 1: findings" ;; \
		2) echo "exit status 2: wrong usage, nothing was scanned" ;; \
		3) echo "exit status 3: the scan did not complete and says nothing about the site" ;; \
		4) echo "exit status 4: nothing found, but something could not be decided" ;; \
		*) echo "exit status $$status: broken off" ;; \
	esac; \
	case $$status in \
		0|1|4) echo "The report is in reports/report.html, and for programs in reports/report.json." ;; \
		*) exit $$status ;; \
	esac

test:
	@./setup.sh test
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets -- -D warnings
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --no-deps
	$(CARGO) test

# Holds what a scan costs against a bare client of the browser that opens the same pages, RUNS=5 times, and says
# how time and memory grow with the requests of a page; takes about ten minutes.
bench:
	@./setup.sh test
	CRUMBCHECK_RUNS=$(or $(RUNS),5) $(CARGO) bench --bench speed

# Operates every fixture banner several times and prints what came of it; takes about twenty minutes
# with RUNS=5, and less with WORKERS=4 on a machine that has nothing else to do.
banners:
	@./setup.sh test
	CRUMBCHECK_RUNS=$(or $(RUNS),5) CRUMBCHECK_WORKERS=$(or $(WORKERS),1) $(CARGO) bench --bench banners

# Fires every way of setting, sending and storing that a page has, and prints which were seen; RUNS=3 times.
matrix:
	@./setup.sh test
	CRUMBCHECK_RUNS=$(or $(RUNS),3) $(CARGO) test --test matrix -- --nocapture

# Reads broken notices and documents for SECONDS, one minute without, and looks for panics.
fuzz:
	FUZZ_SECONDS=$(or $(SECONDS),60) $(CARGO) bench --bench fuzz

# Scans PAGES=1000 pages that are made to break scanners, WORKERS=3 sites at a time; each must end in a report or a
# clear error. Takes about half an hour.
hostile:
	@./setup.sh test
	CRUMBCHECK_PAGES=$(or $(PAGES),1000) CRUMBCHECK_WORKERS=$(or $(WORKERS),3) $(CARGO) bench --bench hostile

# How well claims are read: paraphrases by kind and language, and sentences that claim nothing.
claims-score:
	cargo test --test claims -- --nocapture

# Holds what cookies and hosts are classified as against labelled tables, and says how long it takes.
classify-score:
	@./setup.sh test
	$(CARGO) bench --bench classify

# Weighs the words of the scorer for unknown names anew, and says which thresholds would do how well.
classify-fit:
	@./setup.sh test
	FIT=1 $(CARGO) bench --bench classify

# Writes into README.md what it quotes of the program.
readme:
	UPDATE_README=1 $(CARGO) test --test readme
