-- A row or more for every table of before_migrations.sql.
INSERT INTO collection (version, source, parameters, fingerprint, start_offsets, end_offsets, posts)
VALUES (3, 'dump', '{"path": "posts.jsonl"}', 'f', '{"0": 0}', '{"0": 2}', '{"ai": 2}');

INSERT INTO label_event (text_hash, post_id, text, version, annotator, action, label, queue) VALUES
    ('505bd12938815abc8b94478eb9457003', '1', 'deep learning', 3, 'ann', 'label', 1, 'random'),
    ('505bd12938815abc8b94478eb9457003', '1', 'deep learning', 3, 'bob', 'label', 0, 'random'),
    ('7c58ea253628feed6583e78db4fd9fab', '2', 'breakfast', 3, 'ann', 'label', 0, 'random');
INSERT INTO label_event (text_hash, post_id, text, version, annotator, action, undoes, queue)
VALUES ('505bd12938815abc8b94478eb9457003', '1', 'deep learning', 3, 'bob', 'undo', 2, 'random');
INSERT INTO labelling_lease (text_hash, version, annotator, lease_id, queue, expires_at)
VALUES ('h3', 3, 'ann', gen_random_uuid(), 'random', now() + interval '1 hour');
INSERT INTO labelling_queue (version, queue, text_hash, priority) VALUES (3, 'abstain', 'h3', 0.5);
INSERT INTO labelling_report (version, j, function, polarity, coverage, "overlaps", conflicts)
VALUES (3, 0, 'keyword', 'ai', 0.5, 0.1, 0.0);
INSERT INTO labelling_bucket (version, golden, weak, posts, examples) VALUES (3, 1, -1, 4, '[]');
INSERT INTO labelling_choice (version, method, reason) VALUES (3, 'label_model', 'better');

INSERT INTO model_version (model_name, dataset_version, path) VALUES ('naive_text_clf', 3, 'naive_text_clf/1');

INSERT INTO promotion (model_name, target, action, to_version, outcome, reason, evidence, evidence_hash,
                       started_at)
VALUES ('naive_text_clf', 'local', 'promote', 1, 'promoted', 'first', '{}', repeat('a', 64), now());
INSERT INTO promotion_scoring (model_name, model_version, scoring) VALUES ('naive_text_clf', 1, '{}');
INSERT INTO promotion_evidence (evidence_hash, scoring_id, model_name, model_version, verdict, evidence)
VALUES (repeat('a', 64), 1, 'naive_text_clf', 1, 'PASS', '{}');
INSERT INTO rollout (model_name, target, run_key, approved, to_version, step, patience, probes)
VALUES ('naive_text_clf', 'local', 'run', '{}', 1, 'ended', 30, '["\u0000"]');

INSERT INTO ai_tweets (topic, kafka_partition, kafka_offset, id, text, links, hashtags, probability,
                       model_version, arrived_at)
VALUES ('ai_tweets_topic', 0, 0, '1', 'deep learning', '{https://example.org/}', '{}', 0.9, 1, now());
INSERT INTO links (link, domain, first_seen, last_seen, posts)
VALUES ('https://example.org/', 'example.org', now(), now(), 1);
INSERT INTO dead_letter (topic, kafka_partition, kafka_offset, stage, reason, key, value)
VALUES ('ai_tweets_topic', 0, 1, 'parse', 'not JSON', NULL, '\x00ff'),
       ('mix_tweets_topic', 2, 7, 'score', 'refused', '\x01', '{}');

INSERT INTO stream_commit (workload, query_id, batch_id, end_offsets, posts, dead_letters)
VALUES ('ai_tweets', 'q', 0, '{"ai_tweets_topic": {"0": 2}}', 1, 1);
INSERT INTO stream_progress (workload, query_id, run_id, batch_id, posts) VALUES ('ai_tweets', 'q', 'r', 0, 1);
INSERT INTO stream_lease (workload, holder, expires_at) VALUES ('ai_tweets', 'one', now());
INSERT INTO stream_wanted (workload, running) VALUES ('ai_tweets', true);
INSERT INTO stream_restart (workload, reason) VALUES ('ai_tweets', 'no progress');
INSERT INTO stream_incident (workload, kind, message) VALUES ('ai_tweets', 'lag', 'behind');
INSERT INTO stream_monitor (workload, checked_at) VALUES ('ai_tweets', now());
