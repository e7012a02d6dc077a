#!/usr/bin/env ruby
# Get an access token
# POST /oauth/token
#
# Optional parameters:
#   account_id: With `account_credentials`: the account's id.
#   code: With `authorization_code`: the code. It is valid once, for five minutes.
#   redirect_uri: With `authorization_code`: the redirect URI of the authorization request.
#   code_verifier: With `authorization_code`: the verifier, if the authorization request had a challenge.
#   refresh_token: With `refresh_token`: the token to retire.
#   client_id: The app, if there is no Basic header.
# frozen_string_literal: true

require "json"
require "net/http"
require "time"
require "uri"

$stdout.set_encoding(Encoding::UTF_8)

# Maximum time for a response, in seconds.
TIMEOUT_SECONDS = 60

# The types of the response, in the order in which they are printed.
ANSWER = {
  'access_token' => :text,
  'api_url' => :text,
  'expires_in' => :integer,
  'refresh_token' => :text,
  'scope' => :text,
  'token_type' => :text,
}.freeze

def parse(text)
  JSON.parse(text)
rescue JSON::ParserError => error
  abort "the response is not JSON (#{error.message}): #{text}"
end

def escaped(text)
  text.gsub(/[\\\n\r]/, "\\" => "\\\\", "\n" => "\\n", "\r" => "\\r")
end

def formatted(value)
  case value
  when Float then format("%.15g", value)
  when Hash, Array then escaped(JSON.generate(value))
  else escaped(value.to_s)
  end
end

# Prints each value of a type on its own line, and nothing for absent values.
def show(place, value, type)
  return if value.nil?

  case type
  when Symbol
    puts "#{place}: #{formatted(value)}"
  when Array
    return unless value.is_a?(Array)

    value.each_with_index { |element, index| show("#{place}[#{index}]", element, type.first) }
  when Hash
    return unless value.is_a?(Hash)

    type.each do |name, member_type|
      show(place.empty? ? escaped(name) : "#{place}.#{escaped(name)}", value[name], member_type)
    end
  end
end

# Returns an environment variable.
def setting(name)
  value = ENV.fetch(name, "")
  value.empty? ? abort("set #{name} in the environment") : value
end

# Percent-encodes everything but letters, digits and -._~
def encode(text)
  text.b.gsub(/[^A-Za-z0-9._~-]/n) { |byte| format("%%%02X", byte.ord) }
end

# Writes parameters as a query or a form.
def pairs(parameters)
  parameters.map { |name, *values| "#{encode(name)}=#{values.map { |value| encode(value) }.join(",")}" }.join("&")
end

# Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time.
def wait_seconds(response)
  retry_after = response["Retry-After"] || "1"
  return retry_after.to_i if retry_after.match?(/\A\d+\z/)

  [Time.iso8601(retry_after) - Time.now, 0].max
rescue ArgumentError
  1
end

def text_of(response)
  response.body.to_s.dup.force_encoding(Encoding::UTF_8)
end

# Sends the request and returns a successful response. Retries up to five times after 429.
def send_request(url, headers, body = nil)
  uri = URI(url)
  options = { use_ssl: uri.scheme == "https", open_timeout: TIMEOUT_SECONDS, read_timeout: TIMEOUT_SECONDS, max_retries: 0 }
  (0..5).each do |attempt|
    request = Net::HTTPGenericRequest.new('POST', !body.nil?, true, uri, headers)
    request.body = body
    response = Net::HTTP.start(uri.hostname, uri.port, **options) { |http| http.request(request) }
    return response if response.is_a?(Net::HTTPSuccess)

    abort "HTTP #{response.code}: #{text_of(response)}" if response.code != "429" || attempt == 5
    seconds = wait_seconds(response)
    warn "429: waiting #{seconds.round} s"
    sleep seconds
  end
rescue SystemCallError, SocketError, EOFError, Timeout::Error, OpenSSL::SSL::SSLError => error
  abort "#{url}: #{error.message}"
end

# Get an access token.
def create_token(grant_type: 'account_credentials')
  base_url = setting("API_BASE_URL").sub(%r{/+\z}, "")
  path = '/oauth/token'
  credentials = "#{setting("API_CLIENT_ID")}:#{setting("API_CLIENT_SECRET")}"
  headers = {
    "Accept" => 'application/json',
    "Authorization" => "Basic #{[credentials].pack("m0")}",
    "Content-Type" => "application/x-www-form-urlencoded",
  }
  body = pairs([['grant_type', grant_type]])
  url = "#{base_url}#{path}"
  response = send_request(url, headers, body)
  parse(text_of(response))
end

show("", create_token, ANSWER)
