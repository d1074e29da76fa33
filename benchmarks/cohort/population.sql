-- A MADE-UP population: nobody in it exists, and its rates are chosen, not taken from anywhere.
-- Reads the table `numbers` (number, person) and the variables `bucket`, `buckets` and `today`.

-- Evenly from 0 to 1, the same for the same person and draw.
CREATE OR REPLACE TEMP MACRO chance(number, draw) AS (hash(number, draw) % 1000000) / 1e6;

-- About normal: mean 0, standard deviation 1. It takes three draws.
CREATE OR REPLACE TEMP MACRO bell(number, draw) AS
    2 * (chance(number, draw) + chance(number, draw + 1) + chance(number, draw + 2) - 1.5);

-- Who is in the bucket, with what is drawn once for each: when azathioprine began (of one in ten, of late), whether it
-- was stopped or its dose changed, the illness, how long ago the last visit was (15 % too long), the gap between visits,
-- whether blood was taken again after two days, and whether the blood cells fall from visit to visit or are low.
CREATE OR REPLACE TEMP TABLE somebody AS
SELECT
    person,
    number,
    'made-up-' || number AS name,
    getvariable('today') - (CASE
        WHEN chance(number, 1) < 0.1 THEN 20 + 90 * chance(number, 2)
        ELSE 400 + 2600 * chance(number, 2) END)::INTEGER AS start,
    start + (0.6 * (getvariable('today') - start))::INTEGER AS change,
    chance(number, 3) < 0.04 AS stopped,
    chance(number, 4) < 0.3 AS changed,
    CASE
        WHEN chance(number, 5) < 0.03 THEN NULL
        WHEN chance(number, 5) < 0.2 THEN 100
        WHEN chance(number, 5) < 0.6 THEN 125
        ELSE 150 END AS dose,
    chance(number, 6) AS illness,
    (CASE
        WHEN chance(number, 7) < 0.85 THEN 2 + 80 * chance(number, 8)
        WHEN chance(number, 7) < 0.95 THEN 84 + 30 * chance(number, 8)
        ELSE 115 + 200 * chance(number, 8) END)::INTEGER AS days_ago,
    (78 + 12 * chance(number, 9))::INTEGER AS gap,
    chance(number, 10) < 0.006 AS repeated,
    CASE WHEN chance(number, 11) < 0.02 THEN 0.8 ELSE 1 END AS fall,
    CASE WHEN chance(number, 12) < 0.01 THEN 0.4 ELSE 1 END AS low
FROM numbers
WHERE person % getvariable('buckets') = getvariable('bucket');

CREATE OR REPLACE TEMP VIEW visits AS
SELECT
    *,
    getvariable('today') - days_ago - (CASE
        WHEN visit = 3 THEN 0
        WHEN repeated THEN 2 + gap * (2 - visit)
        ELSE gap * (3 - visit) END)::INTEGER AS day
FROM somebody, range(4) AS rounds(visit);

-- Twenty results: two visits with all seven analytes, two with the first three alone. A person differs from others, and
-- a little from visit to visit; ALT is now and then reported only as below 10.
CREATE OR REPLACE TEMP VIEW samples AS
SELECT
    *,
    'Observation/' || name || '-' || visit || '-' || which AS id,
    greatest(0.1, round(
        usual * exp(0.12 * bell(number, 100 + 10 * which) + 0.1 * bell(number, 200 + 100 * which + 10 * visit))
        * CASE WHEN which < 3 THEN low * fall ** visit ELSE 1 END, digits)) AS drawn,
    analyte = 'alt' AND chance(number, 20 + visit) < 0.02 AS below,
    epoch_us(day) + 33000000000 AS instant
FROM visits, (VALUES
    (0, 'neutrophils', '10*9/L', 4.2, 1.8, 7.5, 2),
    (1, 'white-cells', '10*9/L', 6.8, 4.0, 11.0, 2),
    (2, 'platelets', '10*9/L', 255, 150, 400, 0),
    (3, 'haemoglobin', 'g/L', 138, 120, 160, 0),
    (4, 'alt', 'U/L', 22, NULL, 40, 0),
    (5, 'creatinine', 'umol/L', 74, 45, 90, 0),
    (6, 'albumin', 'g/L', 42, 35, 50, 0)) AS analytes(which, analyte, unit, usual, least, most, digits)
WHERE which < 3 OR visit IN (1, 3);

CREATE OR REPLACE TEMP VIEW prescribed AS
SELECT
    person, name, 0 AS nth, 'azathioprine' AS drug,
    CASE WHEN changed OR stopped THEN 'ended' ELSE 'active' END AS status, start,
    CASE WHEN changed THEN change - 1 WHEN stopped THEN getvariable('today') - 10 END AS ended,
    CASE WHEN changed THEN 50 ELSE dose END AS dose
FROM somebody
UNION ALL
SELECT
    person, name, 1, 'azathioprine', CASE WHEN stopped THEN 'ended' ELSE 'active' END, change,
    CASE WHEN stopped THEN getvariable('today') - 10 END, dose
FROM somebody
WHERE changed
UNION ALL
SELECT
    person, name, nth, others.drug, 'active', getvariable('today') - (30 + 800 * chance(number, 40 + nth))::INTEGER,
    NULL, others.dose
FROM somebody, (VALUES
    (2, 'mesalazine', 0.2, 2400),
    (3, 'prednisolone', 0.12, 5),
    (4, 'ramipril', 0.05, 5),
    (5, 'hydroxychloroquine', 0.04, 200),
    (6, 'warfarin', 0.015, NULL),
    (7, 'allopurinol', 0.012, 100),
    (8, 'co-trimoxazole', 0.01, 960)) AS others(nth, drug, share, dose)
WHERE chance(number, 60 + nth) < share;

CREATE OR REPLACE TEMP VIEW ill AS
SELECT *
FROM somebody JOIN (VALUES
    (0.00, 0.27, 'crohns-disease'),
    (0.27, 0.52, 'ulcerative-colitis'),
    (0.52, 0.68, 'rheumatoid-arthritis'),
    (0.68, 0.75, 'systemic-lupus-erythematosus'),
    (0.75, 0.81, 'autoimmune-hepatitis'),
    (0.81, 0.86, 'myasthenia-gravis'),
    (0.86, 0.91, 'atopic-dermatitis'),
    (0.91, 0.95, 'kidney-transplant')) AS illnesses(from_, until, concept)
ON illness >= from_ AND illness < until;

CREATE OR REPLACE TEMP VIEW genotyped AS
SELECT *
FROM somebody JOIN (VALUES
    (0.000, 0.003, 'poor', '*3A/*3A'),
    (0.003, 0.100, 'intermediate', '*1/*3A'),
    (0.100, 1.000, 'normal', '*1/*1')) AS types(from_, until, phenotype, diplotype)
ON chance(number, 15) >= from_ AND chance(number, 15) < until
WHERE chance(number, 14) < 0.7;

-- Platelets of the last visit that could not be read.
CREATE OR REPLACE TEMP VIEW doubtful AS
SELECT *, 'Observation/' || name || '-doubt' AS id
FROM visits
WHERE visit = 3 AND chance(number, 13) < 0.02;
