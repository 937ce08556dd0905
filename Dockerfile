# Multiprog with real processes on Windows and macOS, in a container; see docs/elsewhere.md.
#
#   docker build --tag multiprog .
#   docker run --rm --init --volume "$PWD:/work" multiprog compare /work/scenario.yaml
FROM python:3.13-slim

WORKDIR /multiprog
COPY pyproject.toml README.md LICENSE cli.py ./
COPY commands commands
COPY kernel kernel
COPY language language
COPY real real
COPY report report
COPY scenarios scenarios
COPY sim sim
COPY timeline timeline
RUN pip install --no-cache-dir --editable '.[report,plot]' && useradd --create-home student

USER student
ENTRYPOINT ["python", "/multiprog/cli.py"]
CMD ["lessons"]
