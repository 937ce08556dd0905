# Multiprog with real processes on Windows and macOS, in a container; see docs/elsewhere.md.
#
#   docker build --tag multiprog .
#   docker run --rm --init --volume "$PWD:/lab" multiprog compare /lab/scenario.yaml
FROM python:3.13-slim

WORKDIR /multiprog
COPY pyproject.toml README.md LICENSE cli.py ./
COPY commands commands
COPY experiments experiments
COPY kernel kernel
COPY language language
COPY multiprog multiprog
COPY playground playground
COPY real real
COPY report report
COPY scenarios scenarios
COPY sim sim
COPY teaching teaching
COPY timeline timeline
COPY translation translation
RUN pip install --no-cache-dir --editable '.[report,plot,playground]' && useradd --create-home student

USER student
ENTRYPOINT ["python", "/multiprog/cli.py"]
CMD ["lessons"]
