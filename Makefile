# Thin on purpose: a target installs what it needs (bootstrap.py) and calls one verb of the seattn command.
# Without make, see README.md. After the name: what it does, in English and in Turkish ("make help").
python := $(or $(PYTHON),python3)
seattn := .venv/bin/python -m seattn_course
turkish := $(filter tr%,$(or $(L),$(LC_ALL),$(LC_MESSAGES),$(LANG)))
no-python := $(if $(turkish),$(python) bu bilgisayarda yok: Python 3.11 veya daha yenisini kurun.,$(strip \
	There is no $(python) on this computer: install Python 3.11 or newer.))
bootstrap = @command -v $(python) >/dev/null || { echo "$(no-python)" >&2; exit 1; }; \
	$(python) seattn_course/course/bootstrap.py --language "$(L)" --again "make $@$(if $(L), L=$(L))"

.PHONY: help lab update test test-gpu test-browser site check sync exercises ablation bench bench-browser bench-validation constraints

help: ## List the targets ## Hedefleri listeler
	@awk -F' ## ' '/^[a-z-]+: ## / { sub(/:.*/, "", $$1); printf "make %-17s %s\n", $$1, $$($(if $(turkish),3,2)) }' Makefile

lab: ## Open the course in JupyterLab; L=tr opens it in Turkish ## Kursu JupyterLab'da açar; L=en İngilizcesini açar
	$(bootstrap)
	@$(seattn) lab --language "$(L)" $(if $(NO_BROWSER),--no-browser)

update: ## Fetch what is new in the course; your work stays ## Kurstaki yenilikleri getirir; çalışmanız yerinde kalır
	$(bootstrap)
	@$(seattn) update --language "$(L)"

test: ## Validate everything: unit tests, gates, every notebook ## Her şeyi doğrular: birim testleri, denetimler, defterler
	$(bootstrap) --extra test
	@$(seattn) everything $(if $(L),--language $(L)) $(if $(KERNEL),--kernel $(KERNEL)) $(if $(CHANGED),--changed)

test-gpu: ## Validate every notebook on an NVIDIA GPU ## Bütün defterleri NVIDIA GPU üzerinde doğrular
	$(bootstrap) --extra test
	@$(seattn) test --device cuda $(if $(L),--language $(L))

test-browser: ## Open the lessons in a real browser (Chromium) ## Dersleri gerçek bir tarayıcıda (Chromium) açar
	$(bootstrap) --extra test --extra browser --extra site
	@.venv/bin/python -m pytest tests/browser -m browser $(if $(ONCE),--lessons-once)

site: ## Build the course as a web site, into build/site ## Kursu build/site klasörüne web sitesi olarak kurar
	$(bootstrap) --extra site
	@$(seattn) site

check: ## The gates that run no notebook, under a minute ## Defter çalıştırmayan denetimler, bir dakikadan kısa
	$(bootstrap) --extra test
	@$(seattn) check

sync: ## Carry edits between a notebook, its text and its twin ## Değişiklikleri defter, metni ve ikizi arasında taşır
	$(bootstrap) --extra test
	@$(seattn) sync

exercises: ## Generate the exercises from the solutions ## Alıştırmaları çözümlerden üretir
	$(bootstrap) --extra test
	@$(seattn) exercises

ablation: ## Make the results that lesson 14 shows, in minutes ## 14. dersin gösterdiği sonuçları dakikalar içinde üretir
	$(bootstrap)
	@$(seattn) ablation

bench: ## Time attention modules, an ablation, torch.compile ## Dikkat modüllerini, bir ablasyonu, torch.compile'ı ölçer
	$(bootstrap) --extra test
	@.venv/bin/python benchmarks/attention_speed.py
	@.venv/bin/python benchmarks/ablation_speed.py
	@.venv/bin/python benchmarks/compile_speed.py

bench-browser: ## Time the first figure and the sliders in a browser ## İlk şeklin ve sürgülerin süresini tarayıcıda ölçer
	$(bootstrap) --extra test --extra browser
	@.venv/bin/python benchmarks/browser_speed.py

bench-validation: ## Time the validation against its rivals ## Doğrulamanın süresini rakipleriyle karşılaştırır
	$(bootstrap) --extra test --extra bench
	@.venv/bin/python benchmarks/validation_speed.py

constraints: ## Write constraints.txt from what .venv holds ## constraints.txt dosyasını .venv içindekilerden yazar
	$(bootstrap) --extra test --extra browser --extra site --extra bench
	@{ grep -E '^#|;' constraints.txt; .venv/bin/python -m pip freeze --all --exclude-editable | \
		sed -e '/^pip==/d' -e 's/+.*//'; } > constraints.new && mv constraints.new constraints.txt
