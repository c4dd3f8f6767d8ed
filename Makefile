# `make scan` and `make test` install what they need; see README.md.

CARGO ?= cargo
# The site to scan, such as https://www.example.org/; by default the invented site of the demo.
URL ?=
# More options of `crumbcheck scan`, such as ARGS="--pages /contact,/help".
ARGS ?=

.PHONY: scan test bench banners dialogs matrix cookies fuzz hostile classify-score claims-score classify-fit calibrate bench-audit readme mutants

# Unoptimised, so that the first report comes soon: nearly all of a scan's time passes in the browser, and the
# regular expressions are optimised in every build.
scan:
	@./setup.sh scan
	@$(CARGO) build
	@mkdir -p reports
	@status=0; \
	$(CARGO) run --quiet -- $(if $(URL),scan '$(URL)',demo) \
		--report terminal --report html=reports/report.html --report json=reports/report.json \
		$(ARGS) || status=$$?; \
	case $$status in \
		0) echo "exit code 0: no findings that fail a run, and every rule was decided" ;; \
		1) echo "exit code 1: findings" ;; \
		2) echo "exit code 2: wrong usage, nothing was scanned" ;; \
		3) echo "exit code 3: the scan did not complete and says nothing about the site" ;; \
		4) echo "exit code 4: no findings, but some rules could not be decided" ;; \
		*) echo "exit code $$status: interrupted" ;; \
	esac; \
	case $$status in \
		0|1|4) echo "The report is reports/report.html; for programs, reports/report.json." ;; \
		*) exit $$status ;; \
	esac

test:
	@./setup.sh test
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets -- -D warnings
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --no-deps
	$(CARGO) deny check licenses bans sources
	$(CARGO) test

# Compares the cost of a scan with a bare browser client that opens the same pages, RUNS=5 times, and prints how time and
# memory grow with the requests of a page; takes about ten minutes.
bench:
	@./setup.sh test
	CRUMBCHECK_RUNS=$(or $(RUNS),5) $(CARGO) bench --bench speed

# Operates every fixture banner several times and prints the outcomes; takes about twenty minutes
# with RUNS=5, and less with WORKERS=4 on a machine that has nothing else to do.
banners:
	@./setup.sh test
	CRUMBCHECK_RUNS=$(or $(RUNS),5) CRUMBCHECK_WORKERS=$(or $(WORKERS),1) $(CARGO) bench --profile dev --bench banners

# Refuses in DIALOGS=60 settings of banners that are made at random, with the real browser: none counts as refused unless it
# is, and those that can be understood are. Takes about five minutes; `make test` tries twelve.
dialogs:
	@./setup.sh test
	CRUMBCHECK_DIALOGS=$(or $(DIALOGS),60) $(CARGO) test --test it banners::generated -- --nocapture

# Scans a page that sets, sends and stores in every possible way, and pages that do something late, RUNS=3 times, and
# prints what was seen. BUSY=2 keeps two cores busy meanwhile.
matrix:
	@./setup.sh test
	CRUMBCHECK_RUNS=$(or $(RUNS),3) CRUMBCHECK_BUSY=$(or $(BUSY),0) $(CARGO) test --test it -- matrix:: late:: --nocapture

# Compares COOKIES=10000 random Set-Cookie lines with the browser's cookie jar; takes about twenty minutes.
cookies:
	@./setup.sh test
	CRUMBCHECK_COOKIES=$(or $(COOKIES),10000) $(CARGO) test --test it set_cookie:: -- --nocapture

# Reads broken notices and documents for SECONDS=60, and looks for panics.
fuzz:
	FUZZ_SECONDS=$(or $(SECONDS),60) $(CARGO) bench --bench fuzz

# Scans PAGES=1000 pages that are made to break scanners, WORKERS=3 sites at a time; each scan must end in a report or a
# clear error. Takes about half an hour.
hostile:
	@./setup.sh test
	CRUMBCHECK_PAGES=$(or $(PAGES),1000) CRUMBCHECK_WORKERS=$(or $(WORKERS),3) $(CARGO) bench --bench hostile

# Changes the code that judges in SAMPLE=150 places, one at a time, and prints the changes that no test of seconds notices
# (see .cargo/mutants.toml). The places are every nth of all of them, from number SHARD=0 on, so that the same numbers are
# the same sample. Takes about an hour on two cores that have nothing else to do.
mutants:
	@./setup.sh mutants
	@places=$$($(CARGO) mutants --list | wc -l); shards=$$((places / $(or $(SAMPLE),150))); \
	echo "places: $$places; sample: every $${shards}th, from number $(or $(SHARD),0)"; \
	CARGO_TARGET_DIR='$(abspath target/mutants)' CARGO_PROFILE_DEV_DEBUG=false \
	$(CARGO) mutants --no-shuffle --sharding round-robin --shard $(or $(SHARD),0)/$$shards

# Prints how well claims are read: paraphrases by kind and language, and sentences that claim nothing.
claims-score:
	@./setup.sh test
	$(CARGO) test --test it claims:: -- --nocapture

# Prints, for each rule, how much of what was said with high, medium and low confidence was right, over the fixture sites;
# CASES=DIR adds a folder of reports with what is right of them (see tests/it/calibrate.rs). Takes about five minutes.
calibrate:
	@./setup.sh test
	CRUMBCHECK_CALIBRATE=1 $(if $(CASES),CASES='$(abspath $(CASES))') $(CARGO) test --test it calibrate:: -- --nocapture

# Prints how long reading and judging take for notices of 10 to 10,000 rows.
bench-audit:
	$(CARGO) bench --profile dev --bench audit

# Compares classifications of cookies and hosts with labelled tables, and prints how long they take.
classify-score:
	@./setup.sh test
	$(CARGO) bench --bench classify

# Fits the word weights of the scorer for unknown names again, and prints how well each threshold does.
classify-fit:
	@./setup.sh test
	FIT=1 $(CARGO) bench --bench classify

# Updates what README.md quotes of the program.
readme:
	UPDATE_README=1 $(CARGO) test --test it readme::
